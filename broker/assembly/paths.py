"""Where each endpoint lives. A URL carries the interface version and serves that version only."""

from typing import Final

HM_SSO: Final = "/sso/1.13"
HM_ACS_AD: Final = "/acs/ad/1.13"
HM_ACS_MR: Final = "/acs/mr/1.13"
HM_ACS_EB: Final = "/acs/eb/1.13"
AD_SSO: Final = "/sso/1.13"
EB_SSO: Final = "/sso/1.13"
MR_DECISION: Final = "/decision/1.13"
MR_CHAIN: Final = "/chain/1.13"
DV_ACS: Final = "/acs"
ARS: Final = "/ars/1.13"
METADATA: Final = "/metadata"
NETWORK_METADATA: Final = "/metadata/network"
CATALOGUE: Final = "/catalogue"
AD_LIST: Final = "/listAD.xml"
HEALTH: Final = "/health"

"""What an administrator of the site does once, in Django's admin: tables, a certificate, the configuration.

Saving the configuration fetches the metadata of the makelaar, so the makelaar must run.
"""

import os
from pathlib import Path

import django
from django.core.files.base import ContentFile
from django.core.management import call_command

_SERVICE_INDEX = "9052"


def main() -> None:
    """Prepare the site that the environment describes."""
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    _add_certificate(Path(os.environ["SITE_FOLDER"]) / "signing")
    _configure()


def _add_certificate(stem: Path) -> None:
    from digid_eherkenning.choices import ConfigTypes
    from digid_eherkenning.models import ConfigCertificate
    from simple_certmanager.constants import CertificateTypes
    from simple_certmanager.models import Certificate

    certificate = Certificate.objects.create(
        label="eHerkenning",
        type=CertificateTypes.key_pair,
        private_key=ContentFile(stem.with_suffix(".key").read_bytes(), "signing.key"),
        public_certificate=ContentFile(stem.with_suffix(".crt").read_bytes(), "signing.crt"),
    )
    ConfigCertificate.objects.create(config_type=ConfigTypes.eherkenning, certificate=certificate)


def _configure() -> None:
    """Fill in what has no default; everything else stays as the package ships it, eIDAS service included."""
    from digid_eherkenning.models import EherkenningConfiguration

    url, oin = os.environ["SITE_URL"], os.environ["SITE_OIN"]
    config = EherkenningConfiguration.get_solo()
    config.metadata_file_source = os.environ["SITE_IDP_METADATA"]
    config.makelaar_id = os.environ["SITE_MAKELAAR_OIN"]
    config.entity_id = f"urn:etoegang:DV:{oin}:entities:9001"
    config.oin = oin
    config.base_url = url
    config.organization_name = "Gemeente Overzee"
    config.organization_url = url
    config.service_name = "Evenementenvergunning"
    config.service_description = "Een vergunning voor een evenement aanvragen."
    config.privacy_policy = f"{url}/privacy"
    config.service_description_url = f"{url}/evenement"
    config.eh_attribute_consuming_service_index = _SERVICE_INDEX
    config.save()


if __name__ == "__main__":
    main()

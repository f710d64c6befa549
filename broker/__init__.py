"""An open eHerkenning makelaar: a SAML 2.0 broker between dienstverleners and the eHerkenning network."""

__version__ = "0.1.0"

"""The makelaar (HM): the product. Endpoints, screens and error pages over journey, exchange and stores."""

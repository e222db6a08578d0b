"""The metrics of the house: declared once (`catalog`), bound to a registry (`instrument`), shown (`exposition`)."""

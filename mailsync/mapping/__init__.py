"""Tables of fields as data, one interpreter that reads them both ways, and the lint that guards them (E3)."""

"""SOQL as Salesforce decides it: parse() and run()."""

"""Salesforce: one user's contacts over its REST API, with simple-salesforce as transport."""

from mailsync.crm.salesforce.adapter import open_salesforce as open_salesforce
from mailsync.crm.salesforce.candidates import open_candidates as open_candidates
from mailsync.crm.salesforce.login import SalesforceLogin as SalesforceLogin

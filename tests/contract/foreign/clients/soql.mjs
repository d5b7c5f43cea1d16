// Salesforce's own published grammar (@salesforce/soql-common) as the judge of what is SOQL: a JSON list of texts on
// standard input, a list of verdicts (null = accepted, else the first complaint) on standard output.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { SOQLParser } = createRequire(import.meta.url)("@salesforce/soql-common/lib/soql-parser");
const parser = SOQLParser({ isApex: false, isMultiCurrencyEnabled: false, apiVersion: 68.0 });

let unread = []; // its lexer drops characters that no token begins with, and says so on the console alone
console.error = (complaint) => unread.push(String(complaint));

function judge(text) {
  unread = [];
  const outcome = parser.parseQuery(text);
  return outcome.getSuccess() ? (unread[0] ?? null) : outcome.getParserErrors()[0].getMessage();
}

const texts = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(texts.map(judge)));

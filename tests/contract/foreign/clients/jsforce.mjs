// jsforce, unmodified, over plain http: what Salesforce integrations in JavaScript do.
import jsforce from "jsforce";

import { readOrder, runSteps } from "./steps.mjs";

const { url, start, end, view } = readOrder();
const connection = new jsforce.Connection({ instanceUrl: url, accessToken: "sandbox-ann", version: "68.0" });
const contacts = connection.sobject("Contact");
const count = async (where) => (await connection.query(`SELECT COUNT() FROM Contact WHERE ${where}`)).totalSize;
const title = async (id) => (await contacts.retrieve(id)).Title;

const callback = "https://mailsync.example/callback";
const makeOAuth = (settings = {}) =>
  new jsforce.OAuth2({ loginUrl: url, clientId: "mailsync", clientSecret: "sandbox-secret", redirectUri: callback, ...settings });
const kept = {};

/** A person's browser: logs in as ann, allows what is asked, and ends where the application is called back. */
async function consent(address) {
  let [cookie, next, form] = ["", address, undefined];
  for (let page = 0; page < 9; page += 1) {
    const headers = { cookie, ...(form && { "content-type": "application/x-www-form-urlencoded" }) };
    const answer = await fetch(new URL(next, url), { method: form ? "POST" : "GET", body: form, headers, redirect: "manual" });
    cookie = (answer.headers.get("set-cookie") ?? cookie).split(";")[0];
    const location = answer.headers.get("location");
    if (location?.startsWith(callback)) return new URL(location).searchParams;
    const html = await answer.text();
    const fields = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
    const filled = /name="pw"/.test(html) ? { username: "ann@acme.example", pw: "sandbox" } : { step: "allow" };
    next = location ?? /<form method="post" action="([^"]*)"/.exec(html)[1].replaceAll("&amp;", "&");
    form = location ? undefined : new URLSearchParams([...fields, ...Object.entries(filled)]);
  }
  throw new Error(`no way back to the application from ${address}`);
}

/** Lets the session end twice, which jsforce mends by itself with its refresh token. */
async function refreshTwice(clientId) {
  const oauth2 = makeOAuth({ useVerifier: true, clientId });
  const back = await consent(oauth2.getAuthorizationUrl({ scope: "id api refresh_token" }));
  const app = new jsforce.Connection({ oauth2, version: "68.0" });
  await app.authorize(back.get("code"));
  const [before, told] = [app.refreshToken, []];
  app.on("refresh", (_, answer) => told.push(answer.refresh_token ?? null));
  app.accessToken = "expired";
  const found = (await app.query("SELECT Id FROM Contact WHERE LastName = 'Hallorann'")).totalSize;
  app.accessToken = "expired again";
  const again = await refusal(app.query("SELECT Id FROM Contact LIMIT 1"));
  return { found, again, refreshes: told.length, rotated: told[0] !== null && told[0] !== before, kept: app.refreshToken === before };
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return { code: error.errorCode ?? null, message: error.message };
  }
  return "not refused";
}

await runSteps({
  async createOne() {
    return contacts.create({ LastName: "Hallorann", FirstName: "Dick", Email: "dick@overlook.example" });
  },
  async createMany() {
    const records = Array.from({ length: 450 }, (_, n) => ({ LastName: `Many ${n}`, Email: n === 7 ? "broken" : null }));
    const outcomes = await contacts.create(records, { allowRecursive: true });
    return { outcomes: outcomes.length, refused: outcomes.filter((o) => !o.success), ids: outcomes.map((o) => o.id) };
  },
  async updateOne({ createOne }) {
    await contacts.update({ Id: createOne.id, Title: "Cook" });
    return contacts.retrieve(createOne.id);
  },
  async updateMany({ createMany }) {
    const outcomes = await contacts.update(createMany.ids.slice(0, 5).map((Id) => ({ Id, Title: "Changed" })));
    return { outcomes, changed: await count("Title = 'Changed'") };
  },
  async retrieveMany({ createMany }) {
    const wanted = [...createMany.ids.slice(0, 3), "003Ib00000ZZZZZIAA"];
    return (await contacts.retrieve(wanted, { fields: ["Id", "LastName"] })).map((r) => r && r.LastName);
  },
  async upsertNew() {
    return contacts.upsert({ Key__c: "k-1", LastName: "Keyed" }, "Key__c");
  },
  async upsertOld() {
    const outcome = await contacts.upsert({ Key__c: "k-1", LastName: "Keyed", Title: "Twice" }, "Key__c");
    return { outcome, found: await connection.query("SELECT LastName, Title FROM Contact WHERE Key__c = 'k-1'") };
  },
  async upsertMany() {
    const records = ["k-1", "k-2"].map((Key__c) => ({ Key__c, LastName: `Row ${Key__c}` }));
    return contacts.upsert(records, "Key__c");
  },
  async upsertAmbiguous() {
    await contacts.create(["One", "Two"].map((LastName) => ({ LastName, Email: "same@twins.example" })));
    return refusal(contacts.upsert({ Email: "same@twins.example", LastName: "Three" }, "Email"));
  },
  async autoFetch() {
    const pages = { autoFetch: true, maxFetch: 5000, headers: { "Sforce-Query-Options": "batchSize=200" } };
    const found = await connection.query("SELECT Id FROM Contact WHERE LastName LIKE 'Many %' ORDER BY Id", pages);
    return { total: found.totalSize, fetched: found.records.length, distinct: new Set(found.records.map((r) => r.Id)).size };
  },
  async pageByPage() {
    const pages = { headers: { "Sforce-Query-Options": "batchSize=200" } };
    const first = await connection.query("SELECT Id FROM Contact WHERE LastName LIKE 'Many %'", pages);
    const second = await connection.queryMore(first.nextRecordsUrl);
    return { sizes: [first.records.length, second.records.length], done: [first.done, second.done] };
  },
  async builtQuery() {
    return contacts.find({ LastName: { $like: "Hall%" }, FirstName: "Dick" }, ["LastName", "Email", "CreatedBy.Name"]).limit(5);
  },
  async queryRefused() {
    return {
      field: await refusal(connection.query("SELECT Nothing__c FROM Contact")),
      grammar: await refusal(connection.query("SELECT Id FROM Contact WHERE LastName = \"x\"")),
      object: await refusal(connection.query("SELECT Id FROM Nothing")),
    };
  },
  async destroyOne({ createMany }) {
    return contacts.destroy(createMany.ids[0]);
  },
  async destroyMany({ createMany }) {
    return contacts.destroy(createMany.ids.slice(1, 4));
  },
  async scanAll() {
    const scanned = await connection.query("SELECT Id, IsDeleted FROM Contact WHERE IsDeleted = true", { scanAll: true });
    return scanned.records.map((r) => r.Id);
  },
  async updated() {
    return contacts.updated(start, end);
  },
  async deleted() {
    return contacts.deleted(start, end);
  },
  async listViews() {
    return contacts.listviews();
  },
  async viewDescribe() {
    return contacts.listview(view).describe();
  },
  async viewResults() {
    return contacts.listview(view).results();
  },
  async describe() {
    const described = await contacts.describe();
    return { name: described.name, prefix: described.keyPrefix, fields: described.fields.map((f) => f.name) };
  },
  async describeGlobal() {
    return (await connection.describeGlobal()).sobjects.map((o) => o.name);
  },
  async limits() {
    await connection.limits();
    return { usage: connection.limitInfo, daily: (await connection.limits()).DailyApiRequests };
  },
  async versions() {
    return connection.request("/services/data");
  },
  async unmodifiedSince({ createOne }) {
    const patch = (stamp, Title) =>
      connection.request({
        method: "PATCH",
        url: `/sobjects/Contact/${createOne.id}`,
        body: JSON.stringify({ Title }),
        headers: { "content-type": "application/json", "If-Unmodified-Since": stamp },
      });
    const stale = await refusal(patch("Sun, 01 Nov 2020 09:00:00 GMT", "Stale"));
    const afterStale = await title(createOne.id);
    await patch(new Date(Date.parse(end) + 86400e3).toUTCString(), "Fresh");
    return { stale, titles: [afterStale, await title(createOne.id)] };
  },
  async composite({ createOne }) {
    const base = "/services/data/v68.0";
    return connection.requestPost("/composite", {
      compositeRequest: [
        { method: "GET", referenceId: "one", url: `${base}/sobjects/Contact/${createOne.id}?fields=LastName,Email` },
        { method: "GET", referenceId: "two", url: `${base}/query?q=SELECT+Id+FROM+Contact+WHERE+Email='@{one.Email}'` },
      ],
    });
  },
  async soapMerge() {
    const [Id, loser] = (await contacts.create([{ LastName: "Winner" }, { LastName: "Loser" }])).map((o) => o.id);
    return refusal(connection.soap.merge({ masterRecord: { type: "Contact", Id }, recordToMergeIds: [loser] }));
  },
  async soapUndelete({ createMany }) {
    const outcomes = await connection.soap.undelete(createMany.ids.slice(0, 2));
    return { outcomes, live: await count(`Id IN ('${createMany.ids[0]}', '${createMany.ids[1]}')`) };
  },
  async bulkQuery() {
    connection.bulk2.pollInterval = 100;
    const stream = await connection.bulk2.query("SELECT Id, LastName, Account.Name FROM Contact WHERE LastName LIKE 'Many %' ORDER BY LastName");
    const rows = await stream.toArray();
    return { rows: rows.length, first: rows[0], columns: Object.keys(rows[0]) };
  },
  async bulkLoad() {
    connection.bulk2.pollInterval = 100;
    const input = [
      { LastName: "Bulk, \"One\"", Email: "one@bulk.example", Description: "two\nlines" },
      { LastName: "Bulk Two", Email: "" },
      { LastName: "Bulk Three", Email: "broken" },
      { LastName: "", Email: "four@bulk.example" },
    ];
    const outcome = await connection.bulk2.loadAndWaitForResults({ object: "Contact", operation: "insert", input });
    const stored = await connection.query("SELECT LastName, Email, Description FROM Contact WHERE LastName LIKE 'Bulk%' ORDER BY LastName");
    return {
      done: outcome.successfulResults.map((r) => [r.LastName, r.sf__Created, r.sf__Id.length]),
      refused: outcome.failedResults.map((r) => r.sf__Error.split(":")[0]),
      unprocessed: outcome.unprocessedRecords.length,
      stored: stored.records.map((r) => [r.LastName, r.Email, r.Description]),
    };
  },
  async bulkUpsertAndDelete() {
    connection.bulk2.pollInterval = 100;
    const [object, externalIdFieldName] = ["Contact", "Key__c"];
    const upserted = await connection.bulk2.loadAndWaitForResults({
      object, operation: "upsert", externalIdFieldName, input: [{ Key__c: "k-1", Title: "Bulk" , LastName: "Row k-1" }, { Key__c: "b-9", LastName: "New" }],
    });
    const ids = upserted.successfulResults.map((r) => ({ Id: r.sf__Id }));
    const deleted = await connection.bulk2.loadAndWaitForResults({ object, operation: "delete", input: ids });
    return {
      created: upserted.successfulResults.map((r) => r.sf__Created),
      deleted: deleted.successfulResults.length,
      left: await count("Key__c IN ('k-1', 'b-9')"),
    };
  },
  async bulkRefused() {
    connection.bulk2.pollInterval = 100;
    return refusal(connection.bulk2.query("SELECT Nothing__c FROM Contact").then((stream) => stream.toArray()));
  },
  async expired() {
    const stranger = new jsforce.Connection({ instanceUrl: url, accessToken: "no-such-session", version: "68.0" });
    return refusal(stranger.query("SELECT Id FROM Contact"));
  },
  async authorize() {
    const oauth2 = makeOAuth({ useVerifier: true });
    const back = await consent(oauth2.getAuthorizationUrl({ scope: "id api refresh_token", state: "a b&c" }));
    kept.app = new jsforce.Connection({ oauth2, version: "68.0" });
    const user = await kept.app.authorize(back.get("code"));
    const again = new jsforce.Connection({ oauth2, version: "68.0" });
    return {
      state: back.get("state"),
      user,
      instance: kept.app.instanceUrl === url,
      found: (await kept.app.query("SELECT Username FROM User WHERE Username = 'ann@acme.example'")).totalSize,
      replayed: await refusal(again.authorize(back.get("code"))),
    };
  },
  async clientCredentials() {
    const app = new jsforce.Connection({ oauth2: makeOAuth(), version: "68.0" });
    const user = await app.authorize({ grant_type: "client_credentials" });
    const wrong = new jsforce.Connection({ oauth2: makeOAuth({ clientSecret: "guessed" }) });
    return { user, wrong: await refusal(wrong.authorize({ grant_type: "client_credentials" })) };
  },
  async refreshRotating() {
    return refreshTwice("mailsync");
  },
  async refreshSteady() {
    return refreshTwice("steady");
  },
  async revoke() {
    const oauth2 = makeOAuth({ useVerifier: true });
    const back = await consent(oauth2.getAuthorizationUrl({ scope: "id api refresh_token" }));
    const app = new jsforce.Connection({ oauth2, version: "68.0" });
    await app.authorize(back.get("code"));
    const token = app.accessToken;
    await app.logout();
    return refusal(new jsforce.Connection({ instanceUrl: url, accessToken: token, version: "68.0" }).query("SELECT Id FROM Contact"));
  },
});

// jsforce, unmodified, over plain http: what Salesforce integrations in JavaScript do.
import jsforce from "jsforce";

import { readOrder, runSteps } from "./steps.mjs";

const { url, start, end, view } = readOrder();
const connection = new jsforce.Connection({ instanceUrl: url, accessToken: "sandbox-ann", version: "68.0" });
const contacts = connection.sobject("Contact");
const count = async (where) => (await connection.query(`SELECT COUNT() FROM Contact WHERE ${where}`)).totalSize;
const title = async (id) => (await contacts.retrieve(id)).Title;

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
  async expired() {
    const stranger = new jsforce.Connection({ instanceUrl: url, accessToken: "no-such-session", version: "68.0" });
    return refusal(stranger.query("SELECT Id FROM Contact"));
  },
});

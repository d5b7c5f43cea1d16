// Runs a client's steps one after the other and prints what each of them gave, as one JSON object.

/** `steps`: name -> async function of what the steps before it gave. A step that fails gives {failed: …}; none stops the rest. */
export async function runSteps(steps) {
  const given = {};
  for (const [name, step] of Object.entries(steps)) {
    try {
      given[name] = (await step(given)) ?? null;
    } catch (error) {
      const { name: kind, errorCode, message } = error;
      given[name] = { failed: { kind, code: errorCode ?? error.ErrorCode ?? null, message: String(message), trace: error.stack } };
    }
  }
  process.stdout.write(JSON.stringify(given));
}

/** What the test hands over: the first argument, as JSON. */
export function readOrder() {
  return JSON.parse(process.argv[2]);
}

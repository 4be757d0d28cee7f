// Works with fhir-kit-client against a running server: reads argv (base, token, patient id), prints what it saw as JSON.
// Run by tests/api/test_fhir_clients.py from a folder whose node_modules lead to the unpacked packages.
import { Client } from 'fhir-kit-client';

const [baseUrl, token, patient, foreign] = process.argv.slice(2);
const client = new Client({ baseUrl, bearerToken: token });
const seen = {};

seen.fhirVersion = (await client.capabilityStatement()).fhirVersion;
seen.patient = (await client.read({ resourceType: 'Patient', id: patient })).id;
seen.versions = (await client.history({ resourceType: 'Patient', id: patient })).total;
seen.vread = (await client.vread({ resourceType: 'Patient', id: patient, version: '1' })).meta.versionId;

let page = await client.search({ resourceType: 'Observation', searchParams: { patient, _count: 3, _sort: '-date' } });
seen.total = page.total;
seen.pages = [];
while (page) {
  seen.pages.push(page.entry.map((each) => each.resource.id));
  page = await client.nextPage({ bundle: page });
}

const posted = await client.search({
  resourceType: 'DocumentReference',
  searchParams: { patient, _revinclude: 'Provenance:target' },
  options: { postSearch: true },
});
seen.posted = posted.entry.map((each) => `${each.search.mode} ${each.resource.resourceType}`);

const everything = await client.operation({ name: '$everything', resourceType: 'Patient', id: patient, method: 'GET' });
seen.everything = [...new Set(everything.entry.map((each) => each.resource.resourceType))].sort();

const encounter = everything.entry.find((each) => each.resource.resourceType === 'Encounter').resource;
const resolved = await client.resolve({ reference: encounter.subject.reference, context: everything });
seen.resolved = resolved.id;

const batch = await client.batch({
  body: {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [patient, foreign].map((id) => ({ request: { method: 'GET', url: `Patient/${id}` } })),
  },
});
seen.batch = batch.entry.map((each) => each.response.status.slice(0, 3));

try {
  await client.read({ resourceType: 'Patient', id: foreign });
} catch (error) {
  seen.refused = [error.response.status, error.response.data.issue[0].code];
}
process.stdout.write(JSON.stringify(seen));

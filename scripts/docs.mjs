import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clausePage, clausesIn, testSources } from './docs/clauses.mjs';
import { conformance, provingTests } from './docs/conformance.mjs';
import { moduleGraph } from './docs/module-graph.mjs';
import { problemsOfVariables } from './docs/variables.mjs';
import { wireMarkdown } from './docs/wire-markdown.mjs';
import { asyncApi } from './docs/wire-protocol.mjs';
import { problemsOfAsyncApi } from './docs/wire-rules.mjs';
import { ROOT, say } from './toolchain.mjs';

/** Writes what is generated; with --check it writes nothing and fails where something would change. */
const isCheck = process.argv.includes('--check');
const read = (path) => (existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : '');

const document = asyncApi();
const table = conformance(read('docs/conformance.md'), provingTests(ROOT));
const written = {
  'docs/wire-protocol.json': `${JSON.stringify(document, null, 2)}\n`,
  'docs/wire-protocol.md': wireMarkdown(document),
  'docs/modules.md': moduleGraph(ROOT, process.execPath),
  'docs/conformance.md': table.markdown,
  'docs/clauses.md': clausePage(clausesIn(testSources(ROOT))),
};

const problems = [...problemsOfAsyncApi(document), ...table.problems, ...problemsOfVariables(ROOT)];
for (const [path, text] of Object.entries(written)) {
  if (read(path) === text) continue;
  if (isCheck) problems.push(`${path} is out of date: run npm run docs`);
  else writeFileSync(join(ROOT, path), text);
}
problems.push(...brokenLinks());
for (const problem of problems) say(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Links between our own pages lead somewhere. */
function brokenLinks() {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'docs/architecture.md',
    'docs/operations.md',
    'docs/glossary.md',
    'docs/conformance.md',
    'docs/clauses.md',
    'docs/adr/README.md',
  ];
  return pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => target)
      .filter((target) => !existsSync(join(ROOT, page, '..', target)))
      .map((target) => `${page}: ${target} is not there`),
  );
}

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const WORKSPACES = ['shared', 'functions', 'media-node', 'client', 'local', 'infra'];

/** Who imports whom, by room: the walls as they stand, not as they were meant. */
export function moduleGraph(root, node) {
  const edges = edgesOf(root, node);
  const within = WORKSPACES.map((workspace) => [
    workspace,
    edges.filter(
      ([from, to]) => from.startsWith(`${workspace}/`) && to.startsWith(`${workspace}/`),
    ),
  ]).filter(([, rooms]) => rooms.length > 1);
  const between = unique(
    edges
      .map(([from, to]) => [from.split('/')[0], to.split('/')[0]])
      .filter(([from, to]) => from !== to),
  );
  return [
    '# Modules',
    '',
    '<!-- Written by `npm run docs` from the imports. -->',
    '',
    'An arrow is an import. `dependency-cruiser` refuses every arrow that',
    '[architecture.md](architecture.md) does not allow, and every cycle.',
    '',
    '## Workspaces',
    '',
    ...mermaid(between),
    ...within.flatMap(([workspace, rooms]) => [`## ${workspace}`, '', ...mermaid(rooms)]),
  ].join('\n');
}

function edgesOf(root, node) {
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [bin, ...WORKSPACES, '--config', '.dependency-cruiser.cjs', '-T', 'json'];
  const json = execFileSync(node, args, { cwd: root, maxBuffer: 1 << 28, encoding: 'utf8' });
  return unique(
    JSON.parse(json)
      .modules.flatMap(({ dependencies, source }) =>
        dependencies.map(({ resolved }) => [roomOf(source), roomOf(resolved)]),
      )
      .filter(([from, to]) => from && to && from !== to),
  );
}

/** `media-node/src/core/sip/uri.ts` lives in `media-node/core`; a file of no folder is the door. */
function roomOf(path) {
  const [workspace, ...rest] = path.split('/');
  if (!WORKSPACES.includes(workspace)) return undefined;
  const inside = rest[0] === 'src' || rest[0] === 'lib' ? rest.slice(1) : rest;
  return inside.length > 1 ? `${workspace}/${inside[0]}` : `${workspace}/(top)`;
}

const unique = (edges) =>
  [...new Set(edges.map((edge) => edge.join(' ')))].sort().map((edge) => edge.split(' '));

const mermaid = (edges) => [
  '```mermaid',
  'flowchart LR',
  ...edges.map(
    ([from, to]) => `  ${nameOf(from)}["${labelOf(from)}"] --> ${nameOf(to)}["${labelOf(to)}"]`,
  ),
  '```',
  '',
];

const nameOf = (room) => room.replace(/\W+/g, '_');
const labelOf = (room) => room.split('/')[1] ?? room;

const inward = 'core imports only core, ports and shared';
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'warn',
      from: { orphan: true, pathNot: ['(^|/)main\\.ts$', 'handlers/', 'bin/', 'demo/', '^test/'] },
      to: {},
    },
    {
      name: 'not-in-package-json',
      severity: 'error',
      from: { path: '^(shared|functions|media-node|client|local)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'core-is-sans-io',
      comment: inward,
      severity: 'error',
      from: { path: '^media-node/src/(core|ports)' },
      to: { pathNot: ['^media-node/src/(core|ports)', '^shared/src'] },
    },
    {
      name: 'sip.js-has-one-room',
      severity: 'error',
      from: { pathNot: ['^media-node/src/adapters/sipjs/', '^test/'] },
      to: { path: 'node_modules/sip\\.js' },
    },
    {
      name: 'werift-has-one-room',
      severity: 'error',
      from: { pathNot: ['^media-node/src/adapters/werift/', '^test/'] },
      to: { path: 'node_modules/werift' },
    },
    {
      name: 'xmldom-has-one-room',
      severity: 'error',
      from: { pathNot: ['^media-node/src/adapters/xml/', '^test/'] },
      to: { path: 'node_modules/@xmldom' },
    },
    {
      name: 'codecs-have-one-room',
      comment: 'only the threads and who starts them know that codecs are native',
      severity: 'error',
      from: {
        path: '^media-node/src/',
        pathNot: '^media-node/src/(adapters/codecs/|start-media-node\\.ts$)',
      },
      to: { path: '^media-node/src/adapters/codecs/' },
    },
    {
      name: 'jose-has-one-room',
      severity: 'error',
      from: { pathNot: ['^functions/src/adapters/', '^test/'] },
      to: { path: 'node_modules/jose' },
    },
    {
      name: 'aws-sdk-only-in-adapters',
      severity: 'error',
      from: { pathNot: ['/adapters/', '^test/'] },
      to: { path: 'node_modules/@aws-sdk' },
    },
    {
      name: 'the-simulator-knows-nothing-of-us',
      comment: 'it must not be able to agree with our own mistakes',
      severity: 'error',
      from: { path: '^local/src/ims/' },
      to: { path: '^(media-node|functions|shared)/|node_modules/(sip\\.js|werift)' },
    },
    {
      name: 'demo-uses-the-sdk-as-a-user-would',
      severity: 'error',
      from: { path: '^client/demo/' },
      to: { path: '^client/src/', pathNot: '^client/src/ims-phone\\.ts$' },
    },
    {
      name: 'infra-sees-only-env',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(functions|media-node)/src/', pathNot: '/env\\.ts$' },
    },
    {
      name: 'shared-is-the-floor',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: ['^shared/', 'node_modules/zod'] },
    },
    {
      name: 'deployables-are-strangers',
      severity: 'error',
      from: { path: '^(functions|media-node|client)/' },
      to: { path: '^(functions|media-node|client|infra|local)/', pathNot: '^$1/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    exclude: { path: '(^|/)(\\.tsbuild|cdk\\.out|dist)/' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};

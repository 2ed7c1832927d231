/** The rooms of ARCHITECTURE.md and who may enter which. `type` dependencies vanish at compile time and bind less. */
const VALUE = { dependencyTypesNot: ['type-only'] };
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const lib = (name) => `^libs/${name}/`;

export default {
  forbidden: [
    rule(
      'no-cycles',
      'A cycle means two files are one idea, or one idea is in two files.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    rule(
      'domain-is-pure',
      'No I/O, clock, randomness or framework in the vocabulary.',
      { path: lib('domain'), pathNot: 'schema\\.ts$|\\.test\\.ts$' },
      { pathNot: lib('domain') },
    ),
    rule(
      'domain-schema-only-zod',
      'Schemas know zod and the domain.',
      { path: '^libs/domain/src/schema\\.ts$' },
      { pathNot: [lib('domain'), 'node_modules/zod/'] },
    ),
    rule(
      'egress-is-low',
      'The gate depends on the domain alone.',
      { path: lib('egress') },
      { path: '^(apps|libs)/', pathNot: [lib('egress'), lib('domain')] },
    ),
    rule(
      'extraction-is-pure',
      'String in, data out: the domain and parsers, no other room, no I/O.',
      { path: lib('extraction'), pathNot: '\\.test\\.ts$' },
      {
        path: '^(apps|libs)/|^(node:)?(fs|net|http|https|dns|child_process|worker_threads|timers)(/|$)',
        pathNot: [lib('extraction'), lib('domain')],
      },
    ),
    rule(
      'storage-is-low',
      'Storage knows the domain.',
      { path: lib('storage') },
      { path: '^(apps|libs)/', pathNot: [lib('storage'), lib('domain')] },
    ),
    rule(
      'models-are-low',
      'Models know the domain and the gate.',
      { path: lib('models') },
      { path: '^(apps|libs)/', pathNot: [lib('models'), lib('domain'), lib('egress')] },
    ),
    rule(
      'sdk-stands-alone',
      'It is published: no other room, no package.',
      { path: lib('sdk'), pathNot: '\\.test\\.ts$|test-' },
      { pathNot: lib('sdk') },
    ),
    rule(
      'activities-no-storage',
      'Activities get ports; the composition root gives them adapters.',
      { path: lib('activities') },
      { path: '^(apps|libs)/', pathNot: [lib('activities'), lib('domain'), lib('egress'), lib('extraction')] },
    ),
    rule(
      'workflows-only-sandbox-safe',
      'Workflow code is replayed: the domain and the workflow SDK, nothing else.',
      { path: lib('workflows'), pathNot: '\\.test\\.ts$' },
      { path: '.', pathNot: [lib('workflows'), lib('domain'), '@temporalio/(workflow|common)/'] },
    ),
    rule(
      'workflows-no-schema',
      'zod doubles the bundle: parse at the edges.',
      { path: lib('workflows') },
      { path: '^libs/domain/src/schema\\.ts$|node_modules/zod/' },
    ),
    rule(
      'api-contract-only',
      'The API may see what workflows promise, not how they work.',
      { path: '^apps/api/', pathNot: '\\.test\\.ts$' },
      { path: lib('workflows'), pathNot: '/contract\\.ts$', ...VALUE },
    ),
    rule(
      'api-never-a-worker',
      'The API starts work, it does none.',
      { path: '^apps/api/' },
      { path: `${lib('activities')}|${lib('extraction')}|${lib('models')}|@temporalio/(worker|activity)/` },
    ),
    rule('apps-are-islands', 'Processes talk over wires.', { path: '^apps/([^/]+)/' }, { path: '^apps/', pathNot: '^apps/$1/' }),
    rule('libs-know-no-app', 'Libraries are below the apps.', { path: '^libs/' }, { path: '^apps/' }),
    rule(
      'orm-only-in-storage',
      'TypeORM and pg have one room.',
      { path: '^(apps|libs)/', pathNot: [lib('storage'), '\\.test\\.ts$|test-|/test/'] },
      { path: 'node_modules/(typeorm|pg)/' },
    ),
    rule(
      'no-undeclared',
      'Every import stands in the package.json of its workspace.',
      { path: '^(apps|libs)/' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    ),
    rule('no-unresolved', 'An import that leads nowhere.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@gleaner/source', 'import', 'node', 'default'],
      mainFields: ['main', 'types'],
    },
  },
};

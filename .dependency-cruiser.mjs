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
      'site-generator-stands-alone',
      'A site to crawl is made without the crawler: nothing of ours, no package.',
      { path: lib('site-generator'), pathNot: '\\.test\\.ts$' },
      { path: '^(apps|libs)/|node_modules/', pathNot: lib('site-generator') },
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
      { path: lib('workflows'), pathNot: ['\\.test\\.ts$', '/src/client\\.ts$', '/examples/'] },
      { path: '.', pathNot: [lib('workflows'), lib('domain'), '@temporalio/(workflow|common)/'] },
    ),
    rule(
      'workflow-client-stays-outside',
      'The typed client talks gRPC: it stands beside the workflows, and nothing that is bundled may reach it.',
      { path: '^libs/workflows/src/', pathNot: ['\\.test\\.ts$', '/src/client\\.ts$'] },
      { path: '^libs/workflows/src/client\\.ts$|@temporalio/client/' },
    ),
    rule(
      'workflow-client-knows-the-contract',
      'What it says of workflows is what the contract says, not how they work.',
      { path: '^libs/workflows/src/client\\.ts$' },
      { path: '.', pathNot: ['^libs/workflows/src/contract\\.ts$', lib('domain'), '@temporalio/(client|common)/'] },
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
      'tracing-only-when-on',
      'OpenTelemetry has one room, behind an import that happens only when an OTLP address is set.',
      { path: '^(apps|libs)/', pathNot: '^libs/telemetry/src/(tracing|private-propagator|scrubbing-exporter)(\\.test)?\\.ts$' },
      { path: 'node_modules/@opentelemetry/|node_modules/@temporalio/interceptors-opentelemetry' },
    ),
    rule(
      'tracing-is-lazy',
      'A static import of it would load it in every process.',
      { path: '^(apps|libs)/', pathNot: '\\.test\\.ts$' },
      { path: '^libs/telemetry/src/tracing\\.ts$', dependencyTypesNot: ['type-only', 'dynamic-import'] },
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

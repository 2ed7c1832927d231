import { afterAll } from 'vitest';
import { againContract } from './crawl/again.contract.js';
import { askedContract } from './crawl/asked.contract.js';
import { boundsContract } from './crawl/bounds.contract.js';
import { ledgerLaws } from './crawl/laws.contract.js';
import { leaseContract } from './crawl/lease.contract.js';
import { ledgerPlans } from './crawl/plans.contract.js';
import { ledgerRaces } from './crawl/races.contract.js';
import { stagesContract } from './crawl/stages.contract.js';
import { crawlSteeringContract } from './crawl/steering.contract.js';
import { type Database, openDatabase } from './database.js';
import { documentsContract } from './documents.contract.js';
import { jobsContract } from './jobs.contract.js';
import { modelBudgetsContract } from './model-budgets.contract.js';
import { ownerRacesContract } from './owner-races.contract.js';
import { ownersContract } from './owners.contract.js';
import { pageTemplatesContract } from './page-templates.contract.js';
import { politenessContract } from './politeness.contract.js';
import { racesContract } from './races.contract.js';
import type { StorageServer } from './samples.contract.js';
import { schemaContract } from './schema.contract.js';
import { migrate } from './schema.js';
import { steeringContract } from './steering.contract.js';
import { sitesContract } from './sites.contract.js';
import { templateHealthContract } from './template-health.contract.js';

/** Everything that holds on every database: PGlite behind its gate, and PostgreSQL. Call it inside a `describe`. */
export function storageContract(url: () => string): void {
  const opened: Database[] = [];
  let migrated: Promise<unknown> | undefined;
  let shared: Promise<Database> | undefined;
  const open = async (poolSize: number): Promise<Database> => {
    const database = await openDatabase({ url: url(), poolSize, applicationName: 'contract' });
    opened.push(database);
    await (migrated ??= migrate(database));
    return database;
  };
  const server: StorageServer = {
    // One pool for all who want nothing special: the gate serves 64 clients.
    open: (poolSize) => (poolSize === undefined ? (shared ??= open(4)) : open(poolSize)),
  };
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
  });
  jobsContract(server);
  documentsContract(server);
  sitesContract(server);
  schemaContract(server);
  racesContract(server);
  politenessContract(server);
  steeringContract(server);
  modelBudgetsContract(server);
  ownersContract(server);
  ownerRacesContract(server);
  leaseContract(server);
  stagesContract(server);
  againContract(server);
  askedContract(server);
  boundsContract(server);
  crawlSteeringContract(server);
  ledgerLaws(server);
  ledgerRaces(server);
  ledgerPlans(server);
  templateHealthContract(server);
  pageTemplatesContract(server);
}

import { AskedFields1700000008000 } from './asked-fields-1700000008000.js';
import { BrowserNeeds1700000010000 } from './browser-needs-1700000010000.js';
import { BrowserShapes1700000000500 } from './browser-shapes-1700000000500.js';
import { Crawls1700000005000 } from './crawls-1700000005000.js';
import { Foundation1700000000000 } from './foundation-1700000000000.js';
import { LeanStatistics1700000008500 } from './lean-statistics-1700000008500.js';
import { ModelBudgets1700000006000 } from './model-budgets-1700000006000.js';
import { Owners1700000001000 } from './owners-1700000001000.js';
import { Politeness1700000004000 } from './politeness-1700000004000.js';
import { Steering1700000003000 } from './steering-1700000003000.js';
import { TemplateHealth1700000007000 } from './template-health-1700000007000.js';
import { TemplateSeen1700000011000 } from './template-seen-1700000011000.js';
import { TemplateStructures1700000009000 } from './template-structures-1700000009000.js';

/** Every migration, oldest first. An applied one is never edited: a change of the schema is a new class. */
export const MIGRATIONS = [
  Foundation1700000000000,
  BrowserShapes1700000000500,
  Owners1700000001000,
  Steering1700000003000,
  Politeness1700000004000,
  Crawls1700000005000,
  ModelBudgets1700000006000,
  TemplateHealth1700000007000,
  AskedFields1700000008000,
  LeanStatistics1700000008500,
  TemplateStructures1700000009000,
  BrowserNeeds1700000010000,
  TemplateSeen1700000011000,
];

export const MIGRATIONS_TABLE = 'schema_migrations';

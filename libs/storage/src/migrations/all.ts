import { BrowserShapes1700000000500 } from './browser-shapes-1700000000500.js';
import { Foundation1700000000000 } from './foundation-1700000000000.js';

/** Every migration, oldest first. An applied one is never edited: a change of the schema is a new class. */
export const MIGRATIONS = [Foundation1700000000000, BrowserShapes1700000000500];

export const MIGRATIONS_TABLE = 'schema_migrations';

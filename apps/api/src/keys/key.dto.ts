import { SCOPES } from '@gleaner/domain';
import { z } from 'zod';
import { NameSchema, PageQuerySchema, UserIdSchema } from '../users/user.dto.js';

const time = z.iso.datetime();
const MAX_GRACE_SECONDS = 86_400;

const keyFields = {
  id: z.string().meta({ examples: ['key_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2'] }),
  ownerId: UserIdSchema,
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable().meta({ description: 'To the minute' }),
  revokedAt: time.nullable(),
  previousValidUntil: time.nullable().meta({ description: 'The secret before the last rotation is valid until then' }),
  isFromEnvironment: z.boolean().meta({ description: 'The first admin key: it is changed in the environment only' }),
};

export const KeySchema = z.object(keyFields).meta({ id: 'Key', description: 'An API key, without its secret' });

export const IssuedKeySchema = z
  .object({
    ...keyFields,
    secret: z.string().meta({ description: 'Shown this once; only its hash is kept', examples: ['glk_3r9…'] }),
  })
  .meta({ id: 'IssuedKey' });

export const KeyListSchema = z.object({ items: z.array(KeySchema), next: z.string().nullable() }).meta({ id: 'KeyList' });

export const KeyListQuerySchema = PageQuerySchema.extend({ owner: UserIdSchema.optional() });
export type KeyListQuery = z.infer<typeof KeyListQuerySchema>;

export const KeyDraftSchema = z
  .strictObject({
    name: NameSchema,
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(SCOPES.length)
      .default(['read', 'jobs'])
      .meta({ description: 'read: look; jobs: start and steer jobs; admin: everything, also keys and users' }),
    ownerId: UserIdSchema.optional().meta({ description: 'Default: the owner of the key that asks' }),
    expiresAt: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'In the future; default: never', examples: ['2027-01-01T00:00:00Z'] }),
  })
  .meta({ id: 'KeyDraft', examples: [{ name: 'nightly import', scopes: ['read', 'jobs'], expiresAt: '2027-01-01T00:00:00Z' }] });

export type KeyDraftBody = z.infer<typeof KeyDraftSchema>;

export const RotationSchema = z
  .strictObject({
    graceSeconds: z
      .int()
      .min(0)
      .max(MAX_GRACE_SECONDS)
      .default(3_600)
      .meta({ description: 'How long the old secret is valid besides the new one; 0 ends it at once' }),
  })
  .meta({ id: 'Rotation', examples: [{ graceSeconds: 3_600 }] });

export type RotationBody = z.infer<typeof RotationSchema>;

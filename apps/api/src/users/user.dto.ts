import { z } from 'zod';

const limit = (description: string) => z.int().min(0).max(2_000_000_000).nullable().meta({ description });

const LimitFields = {
  requestsPerMinute: limit('Requests in any 60 seconds, by each key'),
  runningJobs: limit('Jobs that are not final'),
  pagesPerDay: limit('Pages that the jobs of a day (UTC) ask for'),
};

export const LimitsSchema = z.object(LimitFields).meta({
  id: 'OwnerLimits',
  description: '0: no limit; null: the default of this installation',
  examples: [{ requestsPerMinute: 600, runningJobs: null, pagesPerDay: 0 }],
});

/** A limit that is not named stays as it is. */
const LimitsChangeSchema = z
  .strictObject(LimitFields)
  .partial()
  .meta({ id: 'OwnerLimitsChange', description: '0: no limit; null: the default of this installation' });

export const UserIdSchema = z
  .string()
  .regex(/^usr_[\w-]{1,64}$/, 'must be the id of a user')
  .meta({ examples: ['usr_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2'] });

export const NameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .meta({ description: 'For people', examples: ['news desk'] });

export const UserSchema = z
  .object({
    id: UserIdSchema,
    name: z.string(),
    createdAt: z.iso.datetime(),
    limits: LimitsSchema,
    limitsInForce: z
      .object({ requestsPerMinute: z.int(), runningJobs: z.int(), pagesPerDay: z.int() })
      .meta({ description: 'What holds: the own limits, else the defaults; 0: no limit' }),
  })
  .meta({ id: 'User', description: 'An owner of jobs, documents and keys' });

export type UserView = z.infer<typeof UserSchema>;

export const UserListSchema = z.object({ items: z.array(UserSchema), next: z.string().nullable() }).meta({ id: 'UserList' });

export const UserDraftSchema = z
  .strictObject({ name: NameSchema, limits: LimitsChangeSchema.optional() })
  .meta({ id: 'UserDraft', examples: [{ name: 'news desk', limits: { runningJobs: 20 } }] });

export const UserChangeSchema = z
  .strictObject({ name: NameSchema.optional(), limits: LimitsChangeSchema.optional() })
  .meta({ id: 'UserChange', examples: [{ limits: { pagesPerDay: 10_000 } }] });

export type UserDraft = z.infer<typeof UserDraftSchema>;
export type UserChange = z.infer<typeof UserChangeSchema>;

export const PageQuerySchema = z.strictObject({
  cursor: z.string().min(1).max(512).optional().meta({ description: '`next` of the list before' }),
  limit: z.coerce.number<string>().int().min(1).max(200).default(50),
});

export type PageQuery = z.infer<typeof PageQuerySchema>;

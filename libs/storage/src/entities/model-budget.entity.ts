import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a job, a day or a provider has reserved and used, and the limits that were in force when it last grew. */
@Entity('model_budgets')
export class ModelBudgetEntity {
  @PrimaryColumn({ type: 'text' })
  scope!: string;

  @Column({ type: 'bigint' })
  calls!: string;

  @Column({ type: 'bigint' })
  tokens!: string;

  @Column({ type: 'bigint', name: 'micro_usd' })
  microUsd!: string;

  @Column({ type: 'bigint', name: 'limit_calls' })
  limitCalls!: string;

  @Column({ type: 'bigint', name: 'limit_tokens' })
  limitTokens!: string;

  @Column({ type: 'bigint', name: 'limit_micro_usd' })
  limitMicroUsd!: string;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;
}

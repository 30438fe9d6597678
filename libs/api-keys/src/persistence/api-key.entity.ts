import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  Unique,
  UpdateDateColumn,
  VersionColumn,
  type Relation,
} from 'typeorm';
import type { Scope } from '../caller.js';

/** One text by which a system key is presented. The text itself is not here, only its hash. A key has at most two. */
@Entity('api_key_secrets')
@Unique('uq_api_key_secrets_slot', ['apiKeyId', 'slot'])
@Check('ck_api_key_secrets_slot', 'slot IN (1, 2)')
@Check('ck_api_key_secrets_hash', 'octet_length(hash) = 32')
export class ApiKeySecretEntity {
  /** The lookup id inside the text. */
  @PrimaryColumn('text')
  keyId: string;

  @Column('uuid')
  apiKeyId: string;

  @ManyToOne(() => ApiKeyEntity, ({ secrets }) => secrets, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'api_key_id', foreignKeyConstraintName: 'fk_api_key_secrets_api_key' })
  apiKey?: Relation<ApiKeyEntity>;

  @Column('smallint')
  slot: 1 | 2;

  /** HMAC-SHA-256 of the whole text, 32 bytes. */
  @Column('bytea')
  hash: Buffer;

  @Column('text')
  pepperId: string;

  /** The text up to its secret part. */
  @Column('text')
  preview: string;

  /** `null`: as long as the key. Never makes it last longer. */
  @Column('timestamptz', { nullable: true })
  validUntil: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}

/** A system API key: who calls, and what it may do. */
@Entity('api_keys')
@Check('ck_api_keys_weight', 'weight > 0')
export class ApiKeyEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** One, or two while the key is rotated. */
  @OneToMany(() => ApiKeySecretEntity, ({ apiKey }) => apiKey)
  secrets: ApiKeySecretEntity[];

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  owner: string | null;

  @Column('text', { array: true })
  scopes: Scope[];

  @Column('text', { array: true })
  modelsAllow: string[];

  @Column('text', { array: true })
  modelsDeny: string[];

  @Column('text', { array: true, default: [] })
  providersAllow: string[];

  @Column('text', { array: true, default: [] })
  providersDeny: string[];

  @Column('text', { array: true, default: [] })
  tagsRequired: string[];

  /** `null`: any. */
  @Column('text', { array: true, nullable: true })
  tagsAllowed: string[] | null;

  /** Empty: from everywhere. */
  @Column('text', { array: true, default: [] })
  ipAllowlist: string[];

  /** Until then the list refuses nobody; `null`: it is enforced. */
  @Column('timestamptz', { nullable: true })
  ipReportUntil: Date | null;

  @Column('double precision', { default: 1 })
  weight: number;

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { nullable: true })
  disabledAt: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  /** The client's own JSON object. */
  @Column('jsonb')
  metadata: object;

  @Column('jsonb')
  limits: Record<string, number>;

  @Column('jsonb')
  budget: Record<string, string>;

  /** Written behind; its changes are not announced, raise no version and leave `updatedAt` alone. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;

  @VersionColumn()
  version: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}

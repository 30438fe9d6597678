import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  PrimaryColumn,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';
import type { Scope } from '../caller.js';

/** A system API key: what callers present. The key itself is not here, only its hash. */
@Entity('api_keys')
@Unique('uq_api_keys_key_id', ['keyId'])
@Check('ck_api_keys_hash', 'octet_length(hash) = 32')
@Check('ck_api_keys_weight', 'weight > 0')
export class ApiKeyEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** The lookup id inside the key. */
  @Column('text')
  keyId: string;

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

  /** HMAC-SHA-256 of the whole key, 32 bytes. */
  @Column('bytea')
  hash: Buffer;

  @Column('text')
  pepperId: string;

  @Column('text')
  preview: string;

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

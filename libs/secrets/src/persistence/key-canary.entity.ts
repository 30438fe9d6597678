import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A known text sealed under one key-encryption key, to tell at start whether that key is still the same. */
@Entity('key_canaries')
export class KeyCanaryEntity {
  /** Id of the key-encryption key. */
  @PrimaryColumn('text', { name: 'key_id' })
  keyId: string;

  @Column('bytea')
  sealed: Buffer;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}

import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A known text sealed under one key-encryption key, to tell at start whether that key is still the same. */
@Entity('key_canaries')
export class KeyCanaryEntity {
  /** Id of the key-encryption key. */
  @PrimaryColumn('text')
  keyId: string;

  @Column('bytea')
  sealed: Buffer;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}

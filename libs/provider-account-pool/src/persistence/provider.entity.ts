import {
  Column,
  CreateDateColumn,
  Entity,
  PrimaryColumn,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';

/** A kind of provider with a base URL: what routes and accounts refer to by name. */
@Entity('providers')
@Unique('uq_providers_name', ['name'])
export class ProviderEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  @Column('text')
  kind: string;

  @Column('text', { nullable: true })
  baseUrl: string | null;

  @Column('text', { nullable: true })
  strategy: string | null;

  @Column('jsonb', { default: {} })
  settings: Record<string, number>;

  @VersionColumn()
  version: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}

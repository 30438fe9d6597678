import { ApiProperty } from '@nestjs/swagger';

/** Sealed cells of one column under one key. */
export class SealedCountDto {
  @ApiProperty({ example: 'account_credentials' })
  table: string;

  @ApiProperty({ example: 'sealed' })
  column: string;

  @ApiProperty({ type: String, nullable: true })
  keyId: string | null;

  @ApiProperty()
  rows: number;
}

/** A key, and what it seals. */
export class EncryptionKeyDto {
  @ApiProperty({ example: '2026-11' })
  keyId: string;

  @ApiProperty({ description: 'Whether new secrets are sealed with it' })
  primary: boolean;

  @ApiProperty({ description: 'Whether this process has it; what a missing key sealed cannot be read' })
  available: boolean;

  @ApiProperty({ description: 'A key may be dropped when this is 0' })
  rows: number;

  @ApiProperty({ type: [SealedCountDto] })
  columns: SealedCountDto[];
}

/** How far moving everything to one key has come. */
export class RewrapDto {
  @ApiProperty()
  id: string;

  @ApiProperty({ description: 'The key everything is moved to' })
  keyId: string;

  @ApiProperty({ enum: ['running', 'done', 'superseded'] })
  state: 'running' | 'done' | 'superseded';

  @ApiProperty({ description: 'Cells moved so far' })
  moved: number;

  @ApiProperty({ description: 'Cells that could not be opened and were left as they are' })
  unreadable: number;

  @ApiProperty()
  startedAt: Date;

  @ApiProperty({ type: Date, nullable: true })
  finishedAt: Date | null;
}

/** Which key seals how much, and how far moving it has come. */
export class EncryptionDto {
  @ApiProperty()
  primaryKeyId: string;

  @ApiProperty({ type: [EncryptionKeyDto] })
  keys: EncryptionKeyDto[];

  @ApiProperty({ description: 'Cells that hold nothing that was ever sealed' })
  malformedRows: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'What is wrong with a remote holder of keys, or soon will be, as with a token of Vault that cannot be renewed',
  })
  trouble: string | null;

  @ApiProperty({ type: RewrapDto, nullable: true, description: 'The newest; null: there never was one' })
  rewrap: RewrapDto | null;
}

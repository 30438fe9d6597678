import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { AccountDto } from './account-view.dto.js';

/** A provider key that was found where it should not be. */
export class SearchAccountDto {
  @ApiProperty({
    writeOnly: true,
    example: 'sk-...',
    description: 'The whole credential, or a secret part of a JSON one: a private key, a secret access key',
  })
  @IsString()
  @Length(1, 16_384)
  credential: string;
}

/** A credential that was found. */
export class FoundCredentialDto {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null: of the environment' })
  id: string | null;

  @ApiProperty({ enum: ['staged', 'active', 'retiring', 'revoked'] })
  state: string;

  @ApiProperty({ example: '…a1B2' })
  preview: string;

  @ApiProperty()
  createdAt: Date;
}

/** An account, and which of its credentials are or contain what was looked for. */
export class FoundAccountDto {
  @ApiProperty({ type: AccountDto })
  account: AccountDto;

  @ApiProperty({ type: [FoundCredentialDto] })
  credentials: FoundCredentialDto[];
}

/** What a search came to. */
export class AccountSearchDto {
  @ApiProperty({ type: [FoundAccountDto], description: 'Empty: no account has it' })
  data: FoundAccountDto[];

  @ApiProperty({ description: 'Whether there are more than are shown, which takes 500 duplicates' })
  more: boolean;

  @ApiProperty({
    example: 0,
    description:
      'Credentials that could not be compared: they cannot be opened, or wait for their fingerprint after an upgrade. Unless 0, ask again',
  })
  notCompared: number;
}

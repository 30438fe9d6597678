import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { DomainError } from '#kernel';

interface Fault {
  readonly field: string;
  readonly message: string;
}

/** Postgres has no place for this character in a text. */
const nul = '\\u0000';

class AdminValidation extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (JSON.stringify(value)?.includes(nul)) {
      throw new DomainError('invalid_request', 'A text must not hold the character U+0000.');
    }
    return super.transform(value, metadata);
  }
}

/** Checks bodies and queries of admin routes against their DTOs; unknown fields are faults, all faults are listed. */
export const adminValidation = new AdminValidation({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: false,
  exceptionFactory: (errors) => invalidRequest(errors.flatMap((error) => faultsOf(error, ''))),
});

function faultsOf({ property, constraints, children }: ValidationError, parent: string): Fault[] {
  const field = parent === '' ? property : `${parent}.${property}`;
  const own = Object.values(constraints ?? {}).map((message) => ({ field, message }));
  return [...own, ...(children ?? []).flatMap((child) => faultsOf(child, field))];
}

function invalidRequest(faults: readonly Fault[]): DomainError {
  const [first] = faults;
  const message = first === undefined ? 'The request is not valid.' : first.message;
  return new DomainError('invalid_request', message, { field: first?.field, faults });
}

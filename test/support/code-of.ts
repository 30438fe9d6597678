import { DomainError, type ErrorCode } from '#kernel';

/** The code an attempt fails with; `null` when it does not fail. @throws whatever is no {@link DomainError} */
export async function codeOf(attempt: Promise<unknown> | (() => unknown)): Promise<ErrorCode | null> {
  try {
    await (typeof attempt === 'function' ? attempt() : attempt);
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

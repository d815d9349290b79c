import { ERROR_CODES } from '@isthmus/shared/errors/error-view';
import { IwfError, type IwfErrorCode } from '@isthmus/shared/errors/iwf-error';

/** A refusal of a node as our own error: only codes that we know reach a client. */
export function errorOfNode(nodeId: string, refusal: { readonly code: string }): IwfError {
  const code = ERROR_CODES.find((known) => known === refusal.code);
  return code
    ? new IwfError<IwfErrorCode>(code, { nodeId })
    : new IwfError('internal', { reason: `node refused with ${refusal.code}` });
}

import { IwfError, type IwfErrorCode } from '@isthmus/shared/errors/iwf-error';

/** What the client is told whose call did not come to an INVITE. */
export function startRefusal(code: IwfErrorCode, callId: string): IwfError {
  switch (code) {
    case 'sdp.no-common-security':
      return new IwfError(code, {});
    case 'sdp.no-common-codec':
      return new IwfError(code, { offered: [] });
    case 'sdp.malformed':
      return new IwfError(code, { reason: 'refused by media' });
    case 'call.wrong-state':
      return new IwfError(code, { callId, state: 'released' });
    default:
      return new IwfError('internal', { reason: code });
  }
}

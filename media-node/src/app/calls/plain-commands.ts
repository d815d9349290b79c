import type { CallRequest } from '@isthmus/shared/wire/requests';
import type { DeviceEvent } from '../../core/call/call-types.ts';

/** Commands that touch no description: what they ask is the machine's alone. */
type Plain = CallRequest & {
  readonly action: 'call.decline' | 'call.hold' | 'call.resume' | 'call.video' | 'call.hang-up';
};
type Asked = DeviceEvent & {
  readonly kind:
    | 'device-declined'
    | 'device-held'
    | 'device-resumed'
    | 'device-filmed'
    | 'device-hung-up';
};
type Undevised<E> = E extends Asked ? Omit<E, 'device'> : never;

export function askedBy(request: Plain): Undevised<Asked> {
  switch (request.action) {
    case 'call.decline':
      return { kind: 'device-declined', reason: request.reason ?? 'declined' };
    case 'call.hold':
      return { kind: 'device-held' };
    case 'call.resume':
      return { kind: 'device-resumed' };
    case 'call.video':
      return { kind: 'device-filmed', video: request.video };
    case 'call.hang-up':
      return { kind: 'device-hung-up' };
  }
}

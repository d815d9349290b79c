import type { RTCDtlsTransport, RTCIceTransport } from 'werift';

const HELLO_VERIFY_REQUEST = 3;

/**
 * Roles are settled by the first offer (RFC 8445 §6.1.1), and no browser changes them without an ICE
 * restart. werift 0.25.2 takes the other role when it answers an offer in the call, and where its checks
 * are still under way nobody nominates. A conflict still changes the role: that goes another way.
 */
export function keepIceRole(connection: RTCIceTransport['connection']): void {
  const accessor = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(connection) as object,
    'iceControlling',
  );
  let isSettled = false;
  Object.defineProperty(connection, 'iceControlling', {
    get: () => accessor?.get?.call(connection) as boolean,
    set(isControlling: boolean) {
      if (!isSettled) accessor?.set?.call(connection, isControlling);
      isSettled = true;
    },
  });
}

/**
 * A ClientHello that was repeated, for its answer was slow, is answered twice. The second answer
 * makes werift 0.25.2 fail or begin afresh in the middle (RFC 6347 §4.2.1: it is to be passed over).
 */
export function takeOneVerifyRequest(transport: RTCDtlsTransport): void {
  transport.onStateChange.subscribe((state) => {
    // The client is made right after that was told, and before anything can come.
    if (state !== 'connecting') return;
    queueMicrotask(() => {
      correct(transport.dtls);
    });
  });
}

function correct(client: RTCDtlsTransport['dtls']): void {
  if (!client) return;
  const handle = client.onHandleHandshakes;
  let isAsked = false;
  client.onHandleHandshakes = (messages) =>
    handle(
      messages.filter(({ msg_type }) => {
        if (msg_type !== HELLO_VERIFY_REQUEST) return true;
        const isFirst = !isAsked;
        isAsked = true;
        return isFirst;
      }),
    );
}

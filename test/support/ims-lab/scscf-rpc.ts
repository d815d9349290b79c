import { createSocket } from 'node:dgram';

const RPC_TIMEOUT_MS = 3_000;

export interface RpcCall {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly params: readonly string[];
}

/** One JSON-RPC call to Kamailio's datagram socket; the answer as it came, errors too. */
export function callRpc({ host, port, method, params }: RpcCall): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => {
      socket.close();
      reject(new Error(`${method} was not answered`));
    }, RPC_TIMEOUT_MS);
    socket.once('message', (answer) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer.toString());
    });
    socket.send(JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 }), port, host);
  });
}

/** Contact URIs in the answer to `ulscscf.showimpu`; none where the identity is unknown. */
export function contactsIn(answer: string): readonly string[] {
  const parsed: unknown = JSON.parse(answer);
  const { result } = parsed as { result?: { contacts?: Readonly<Record<string, unknown>> } };
  return Object.keys(result?.contacts ?? {});
}

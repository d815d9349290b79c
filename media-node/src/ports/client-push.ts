import type { ConnectionId } from '@isthmus/shared/domain/ids';

/** Node → browser over the gateway's management API. */
export interface ClientPush {
  /** `gone`: the connection no longer exists (410). */
  post(connection: ConnectionId, json: string): Promise<'delivered' | 'gone'>;
  /** Whether the connection still exists; does not touch its idle timer. */
  probe(connection: ConnectionId): Promise<'alive' | 'gone'>;
}

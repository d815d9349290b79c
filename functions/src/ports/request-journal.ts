import type { ConnectionId } from '@isthmus/shared/domain/ids';

/** One request of one connection. */
export interface RequestName {
  /** For whom the connection was let in; the gateway's word. */
  readonly tenantId: string;
  readonly connection: ConnectionId;
  readonly requestId: string;
}

/** What was answered on a connection, so that a repeated request id gets the same answer. */
export interface RequestJournal {
  /** Takes the request on. False: it has been taken on before. */
  begin(request: RequestName): Promise<boolean>;
  finish(request: RequestName, answer: string): Promise<void>;
  /** Undefined while the first is still at work. */
  answerTo(request: RequestName): Promise<string | undefined>;
}

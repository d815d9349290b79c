interface Message {
  readonly payload: object;
  readonly examples?: readonly { readonly payload: unknown }[];
}

export interface AsyncApi {
  readonly components: { readonly messages: Readonly<Record<string, Message>> };
  readonly operations: Readonly<Record<string, object>>;
}

export function asyncApi(): AsyncApi;

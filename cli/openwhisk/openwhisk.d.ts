/** The parts of the npm package `openwhisk` that we use; it brings no types. */
declare module 'openwhisk' {
  interface RequestOptions {
    readonly qs?: Readonly<Record<string, string | number | boolean>>;
    readonly body?: unknown;
    readonly ca?: string;
    readonly open_timeout: number;
    readonly response_timeout: number;
    readonly read_timeout: number;
  }
  interface Client {
    request(method: string, path: string, options: RequestOptions): Promise<unknown>;
  }
  export default function openwhisk(options: { readonly apihost: string; readonly api_key: string }): {
    readonly actions: { readonly client: Client };
  };
}

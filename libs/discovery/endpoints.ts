/** One address of one replica that may take new calls. */
export interface EndpointAddress {
  readonly host: string;
  readonly port: number;
  /** Where it is, when that is known. */
  readonly zone?: string;
}

/** Who wants to know the endpoints of a service. */
export interface EndpointListener {
  /**
   * The full set, at first and after every change. Empty when the service has none. `warning` says what is wrong with
   * it, as when none of them is ready.
   */
  update(endpoints: readonly EndpointAddress[], warning?: string): void;
  /** The endpoints can't be found out at the moment. What was pushed last still counts. */
  failed(error: Error): void;
}

/** Where endpoints come from. Nothing is pushed before it returns. */
export type EndpointSource = (listener: EndpointListener) => {
  /** Looks again now, as far as the source doesn't do so by itself. */
  refresh(): void;
  /** Nothing is pushed after this. */
  stop(): void;
};

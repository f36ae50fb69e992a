/** How every contract is loaded: 64-bit integers and enums as strings, every field present, the set oneof named. */
export const loaderOptions = { longs: String, enums: String, defaults: true, oneofs: true } as const;

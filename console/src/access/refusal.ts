/** Two of the three ways in which the hub says that a key is not good; of sockets the client of live ATP tells. */
export const isRefusalStatus = (status: number | undefined) => status === 401;

export const isRefusalCode = (code: unknown) => code === 'UNAUTHENTICATED';

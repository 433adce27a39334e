/** A stylesheet's address, as vite hands it out. */
declare module "*.css?url" {
  const address: string;
  export default address;
}

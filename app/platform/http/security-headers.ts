/** What every answer carries. Who may frame the app is said per page by the Shopify library (Content-Security-Policy: frame-ancestors). */
import type { RequestHandler } from "express";

export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Strict-Transport-Security", "max-age=31536000");
  next();
};

// Stands in for a stylesheet: what vite would give is its address.
module.exports = "/style.css";

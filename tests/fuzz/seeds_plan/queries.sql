SELECT a, count(*), sum(c) FILTER (WHERE b LIKE '%x') FROM t GROUP BY 1 HAVING max(d) > '2020-01-01' ORDER BY 2 DESC LIMIT 3;
SELECT x.a, y.b FROM t x LEFT JOIN u y USING (a) FULL JOIN t z ON z.a = y.a AND z.c > 1.5 WHERE x.a IN (1, 2, NULL) OR x.a = 3;
SELECT b FROM t WHERE c > (SELECT avg(c) FROM u WHERE u.a = t.a) AND NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.b <> t.b);
SELECT (SELECT b FROM u WHERE u.a = t.a ORDER BY c LIMIT 1), a NOT IN (SELECT a FROM u), (a, b) = (1, 'x') FROM t;
WITH q(n) AS (SELECT a FROM t UNION ALL VALUES (1), (NULL)) SELECT DISTINCT n + 1 AS m FROM q EXCEPT SELECT CASE n WHEN 1 THEN 2 END FROM q ORDER BY m;
SELECT coalesce(nullif(a, 1), 2.5), 'x' || 1, a BETWEEN SYMMETRIC 3 AND 1, c::integer / 2, -a % 3 FROM t WHERE (a = 1 AND b = 'x') OR (a = 1 AND c = 2);

"""Makes breast_hetero_guest.csv and breast_hetero_host.csv beside this file. Needs numpy and scikit-learn.

The data are scikit-learn's copy of the UCI set "Breast Cancer Wisconsin (Diagnostic)": 569 tumours, 30 measurements. Every
measurement is standardised (mean 0, population standard deviation 1) and written with six decimals. The guest party gets
the label and columns 20 to 29, the host party columns 0 to 19; the id is the number of the row, from 0.
"""

from pathlib import Path

from sklearn.datasets import load_breast_cancer

FOLDER = Path(__file__).parent


def write(name, header, rows):
    lines = [",".join(header)] + [",".join(row) for row in rows]
    (FOLDER / name).write_text("\n".join(lines) + "\n", encoding="ascii")


def main():
    values, labels = load_breast_cancer(return_X_y=True)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    cells = [[f"{value:.6f}" for value in row] for row in values]
    guest = [[str(i), str(labels[i])] + row[20:] for i, row in enumerate(cells)]
    host = [[str(i)] + row[:20] for i, row in enumerate(cells)]
    write("breast_hetero_guest.csv", ["id", "y"] + [f"x{i}" for i in range(10)], guest)
    write("breast_hetero_host.csv", ["id"] + [f"x{i}" for i in range(20)], host)


if __name__ == "__main__":
    main()
